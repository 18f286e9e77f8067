// The admin API's description. Its paths are compared with the routes by a test.
#include "serve/admin_server.h"

namespace zomma {

std::string_view admin_openapi() {
  return R"json({
 "openapi": "3.0.3",
 "info": {
  "title": "Zomma admin API",
  "version": "1",
  "description": "Changes need the token, but for the host's own user on its Unix socket"
 },
 "paths": {
  "/v1/openapi.json": {
   "get": {
    "operationId": "openapi",
    "summary": "This document",
    "responses": {
     "200": {
      "description": "It is so.",
      "content": {"application/json": {"schema": {"type": "object"}}}
     },
     "default": {"$ref": "#/components/responses/Error"}
    }
   }
  },
  "/v1/status": {
   "get": {
    "operationId": "status",
    "summary": "The run at one moment",
    "responses": {
     "200": {
      "description": "It is so.",
      "content": {"application/json": {"schema": {"type": "object"}}}
     },
     "default": {"$ref": "#/components/responses/Error"}
    }
   }
  },
  "/v1/plugins": {
   "get": {
    "operationId": "plugins",
    "summary": "Every instance",
    "responses": {
     "200": {
      "description": "It is so.",
      "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
     },
     "default": {"$ref": "#/components/responses/Error"}
    }
   }
  },
  "/v1/plugins/{name}": {
   "get": {
    "operationId": "plugin",
    "summary": "One instance, with its parameters",
    "responses": {
     "200": {
      "description": "It is so.",
      "content": {"application/json": {"schema": {"type": "object"}}}
     },
     "default": {"$ref": "#/components/responses/Error"}
    },
    "parameters": [{"$ref": "#/components/parameters/name"}]
   }
  },
  "/v1/plugins/{name}/reload": {
   "post": {
    "operationId": "reload",
    "summary": "Replace the running generation by the library's current file",
    "security": [{"token": []}, {}],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "path": {"type": "string", "description": "another library than the configured one"}
        },
        "additionalProperties": false
       }
      }
     }
    },
    "responses": {
     "200": {"$ref": "#/components/responses/Done"},
     "default": {"$ref": "#/components/responses/Error"}
    },
    "parameters": [{"$ref": "#/components/parameters/name"}]
   }
  },
  "/v1/plugins/{name}/enable": {
   "post": {
    "operationId": "enable",
    "summary": "Start the instance with the state it was disabled with",
    "security": [{"token": []}, {}],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "persist": {
          "type": "boolean",
          "default": false,
          "description": "also write it to the file that defines the plugin"
         }
        },
        "additionalProperties": false
       }
      }
     }
    },
    "responses": {
     "200": {"$ref": "#/components/responses/Done"},
     "default": {"$ref": "#/components/responses/Error"}
    },
    "parameters": [{"$ref": "#/components/parameters/name"}]
   }
  },
  "/v1/plugins/{name}/disable": {
   "post": {
    "operationId": "disable",
    "summary": "End the instance in order: cancel its orders, keep its state",
    "security": [{"token": []}, {}],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "persist": {
          "type": "boolean",
          "default": false,
          "description": "also write it to the file that defines the plugin"
         }
        },
        "additionalProperties": false
       }
      }
     }
    },
    "responses": {
     "200": {"$ref": "#/components/responses/Done"},
     "default": {"$ref": "#/components/responses/Error"}
    },
    "parameters": [{"$ref": "#/components/parameters/name"}]
   }
  },
  "/v1/plugins/{name}/params": {
   "post": {
    "operationId": "setParameter",
    "summary": "Set one parameter",
    "security": [{"token": []}, {}],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "persist": {
          "type": "boolean",
          "default": false,
          "description": "also write it to the file that defines the plugin"
         }
        },
        "additionalProperties": {"oneOf": [{"type": "number"}, {"type": "boolean"}]},
        "minProperties": 1,
        "maxProperties": 2,
        "example": {"edge": 1.5, "persist": true}
       }
      }
     }
    },
    "responses": {
     "200": {"$ref": "#/components/responses/Done"},
     "default": {"$ref": "#/components/responses/Error"}
    },
    "parameters": [{"$ref": "#/components/parameters/name"}]
   }
  },
  "/v1/kill": {
   "post": {
    "operationId": "kill",
    "summary": "Cancel a scope's orders and let no new one pass, or release it",
    "security": [{"token": []}, {}],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "required": ["scope", "engaged"],
        "properties": {
         "scope": {"type": "string", "enum": ["firm", "account", "strategy", "instrument"]},
         "name": {
          "type": "string",
          "description": "of the account, strategy or instrument; not with the firm"
         },
         "engaged": {"type": "boolean"}
        },
        "additionalProperties": false
       }
      }
     }
    },
    "responses": {
     "200": {"$ref": "#/components/responses/Done"},
     "default": {"$ref": "#/components/responses/Error"}
    }
   }
  },
  "/v1/drain": {
   "post": {
    "operationId": "drain",
    "summary": "Cancel every order and end the run in order",
    "security": [{"token": []}, {}],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {"schema": {"type": "object", "properties": {}, "additionalProperties": false}}
     }
    },
    "responses": {
     "200": {"$ref": "#/components/responses/Done"},
     "default": {"$ref": "#/components/responses/Error"}
    }
   }
  }
 },
 "components": {
  "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
  "parameters": {
   "name": {
    "name": "name",
    "in": "path",
    "required": true,
    "schema": {"type": "string"},
    "description": "of the [plugin.NAME]"
   }
  },
  "responses": {
   "Done": {
    "description": "It was done.",
    "content": {
     "application/json": {
      "schema": {
       "type": "object",
       "required": ["message"],
       "properties": {
        "message": {"type": "string"},
        "persisted": {"type": "string", "description": "the file that was written"}
       },
       "additionalProperties": false
      }
     }
    }
   },
   "Error": {
    "description": "It was not done, or not wholly; the message says why and what to do.",
    "content": {
     "application/json": {
      "schema": {
       "type": "object",
       "required": ["error"],
       "properties": {
        "error": {
         "type": "object",
         "required": ["code", "message"],
         "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
         "additionalProperties": false
        }
       },
       "additionalProperties": false
      }
     }
    }
   }
  }
 }
})json";
}

}  // namespace zomma
